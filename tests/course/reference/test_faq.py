"""All questions of the five documents are there, and the tables say what they should."""

import pytest

from tlbook.course.reference import faq, tools, trends

ASKED = {
    "D0": ["9.1", "9.2", "9.3"],
    "D1": ["9, question 1", "9, question 2", "9, question 3"],
    "D2": ["9.1", "9.2", "9.3"],
    "D3": ["6, question 1", "6, question 2", "6, question 3", "6, question 4"],
    "D4": ["8.1", "8.2", "8.3"],
}
NAMED = """TensorFlow, PyTorch, torchvision, Keras, CNTK, Theano, Hugging Face Transformers,
Hugging Face Model Hub, TensorFlow Hub, PyTorch Hub, Papers with Code, fast.ai,
TensorFlow Federated, AdaptDL, scikit-learn"""


def test_every_question_of_the_five_documents_is_answered():
    found = [q.label for q in faq.questions()]
    assert found == [f"{document} {number}" for document, ns in ASKED.items() for number in ns]


@pytest.mark.parametrize("question", faq.questions(), ids=lambda q: q.label)
def test_an_answer_is_one_paragraph_with_a_verdict(question):
    assert question.verdict in faq.VERDICTS
    assert "\n" not in question.answer
    assert 40 <= len(question.answer.split()) <= 160
    assert question.correction[-1] in ".?"


def test_markdown_links_the_chapters_that_are_there():
    text = faq.markdown(faq.find("D0 9.1"))
    assert '[chapter 08](08_distances.ipynb), section "8. The answer to section 1"' in text
    assert text.startswith("### How do I choose a suitable source domain?")


def test_an_unknown_label_is_named():
    with pytest.raises(ValueError, match="'D9 1', want one of D0 9.1"):
        faq.find("D9 1")


def test_every_tool_of_the_documents_has_its_state():
    table = tools.table().set_index("tool")
    assert set(table.index) == {name.strip() for name in NAMED.replace("\n", " ").split(",")}
    assert all(one["sources"] and one["documents"] for one in tools.tools())
    state, what = table["state, November 2026"], table["what it is"]
    assert "no method of domain adaptation" in what["AdaptDL"]
    assert state["CNTK"].startswith("Gone") and state["Theano"].startswith("Gone")
    assert "Closed in July 2025" in state["Papers with Code"]


def test_every_trend_and_challenge_section_is_revisited():
    named = {place for item in trends.items() for place in item.documents}
    assert named == {"D0 8.1", "D0 8.2", "D1 8", "D2 8.1", "D2 8.2", "D3 5", "D4 7.1", "D4 7.2"}
    assert {item.kind for item in trends.items()} == {"trend", "challenge"}


@pytest.mark.parametrize("table", [faq.table, tools.table, trends.table])
def test_tables_have_no_empty_cell(table):
    shown = table()
    assert len(shown) >= 15
    assert shown.map(lambda cell: bool(str(cell).strip())).all(axis=None)
