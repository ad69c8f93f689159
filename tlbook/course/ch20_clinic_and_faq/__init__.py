"""Chapter 20: the clinic. So far the shift zoo: tasks with a known truth for the report."""
