"""The ResNet listing fails for the reasons that its table names, not for others."""

import pytest

from tlbook.course.listings import listing

FAULTS = {fault.name: fault for fault in listing("resnet").faults}


def test_the_names_that_are_missing_are_the_five_of_the_listing():
    missed = FAULTS["five names that nobody defines"].broken()
    assert missed == ["num_classes", "num_epochs", "dataloader", "criterion", "optimizer"]


def test_the_warning_is_about_the_argument():
    said = FAULTS["a deprecated argument"].broken()
    assert any("'pretrained' is deprecated" in text for text in said)
    assert any("IMAGENET1K_V1" in text for text in said)


def test_all_of_a_resnet50_below_the_head_is_trained():
    assert FAULTS["nothing frozen"].broken() == 23_508_032  # 25,557,032 with 1000 classes


def test_a_resnet50_has_53_batch_norms_whose_two_statistics_move():
    fault = FAULTS["statistics that move in a frozen body"]
    assert (fault.broken(), fault.repaired()) == (2 * 53, 0)


@pytest.mark.slow
def test_a_result_names_its_network():
    for name, fault in list(FAULTS.items())[2:]:
        said = fault.before().said
        assert "ResNet-50" in said or "signnet" in said or name == "nothing seeded"


@pytest.mark.slow
@pytest.mark.parametrize("name", list(FAULTS))
def test_before_and_after_are_values_and_no_exceptions(name):
    fault = FAULTS[name]
    for outcome in (fault.before(), fault.after()):
        assert "Error" not in outcome.said, outcome.said
