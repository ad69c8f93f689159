"""What no single chapter owns: questions and answers, tools, trends, the glossary, the concept map.

Each is one data file, read by one module of the same name, with a function ``table()``:
``faq.toml``, ``tools.toml``, ``trends.toml``, ``glossary.csv``, ``concepts.csv``.
"""
