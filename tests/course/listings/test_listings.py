"""Every fault of every listing fails as published and works once repaired."""

import pytest

from tlbook.course import listings

pytestmark = pytest.mark.slow

FAULTS = [(name, fault) for name in listings.names() for fault in listings.listing(name).faults]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[f"{n}: {f.name}" for n, f in FAULTS])
def test_fails_as_published_and_works_repaired(name, fault):
    before, after = fault.before(), fault.after()
    assert not before.healthy, before.said
    assert after.healthy, after.said
    assert before.said != after.said


@pytest.mark.parametrize("name", listings.names())
def test_listing_is_described(name):
    listing = listings.listing(name)
    assert listing.name == name
    assert listing.document[0] == "D" and listing.chapter.isdigit()
    texts = [t for f in listing.faults for t in (f.name, f.wrong, f.symptom, f.repair)]
    assert all(text.strip() for text in texts)
    assert len({f.name for f in listing.faults}) == len(listing.faults)


def test_table_has_a_row_per_fault():
    table = listings.table()
    assert len(table) == len(FAULTS)
    assert set(table["listing"]) == set(listings.names())


def test_unknown_listing_is_named():
    with pytest.raises(ValueError, match="name: got 'nobody'"):
        listings.listing("nobody")
