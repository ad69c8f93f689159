"""The page of questions: each once, under its topic, with links, and nothing unescaped."""

from tlbook.course.reference.faq import questions
from tlbook.course.reference.faq_browser import Browser, by_topic


def test_each_question_stands_under_one_topic():
    found = [one.label for asked in by_topic().values() for one in asked]
    assert sorted(found) == sorted(one.label for one in questions())
    assert len(by_topic()) == 5


def test_the_page_opens_to_answers_and_links():
    html = Browser()._repr_html_()
    assert html.count("<details>") == html.count("</details>") == len(questions())
    assert '<a href="09_objective.ipynb">chapter 09</a>' in html
    for one in questions():
        assert f"<b>{one.label}</b>" in html
    assert "D0 9.1: How do I choose" in repr(Browser())
