"""Vision beyond one label per picture: boxes, masks, and the networks that give them (chapter 19).

A package of its own, because it needs ``models``, ``training`` and ``evaluation`` at once and no
other package needs it: scores of boxes and masks, maps of any backbone, a U-Net, a detector.
"""

from tlbook.vision.detector import HeatMap, MapHead, heat_loss, heat_targets, map_head
from tlbook.vision.maps import FeatureMaps
from tlbook.vision.peaks import find
from tlbook.vision.rows import ByRow, SameRows, numbered
from tlbook.vision.scores import average_precision, iou, mean_iou
from tlbook.vision.unet import UNet

__all__ = [
    "ByRow",
    "FeatureMaps",
    "HeatMap",
    "MapHead",
    "SameRows",
    "UNet",
    "average_precision",
    "find",
    "heat_loss",
    "heat_targets",
    "iou",
    "map_head",
    "mean_iou",
    "numbered",
]
