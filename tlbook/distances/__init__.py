"""Distances between two distributions (chapter 08).

Pure functions of two samples, arrays or tensors of shape (n, d), or of two known distributions.
Tensors get gradients wherever the distance has one.
"""

from tlbook.distances.coral import coral_distance
from tlbook.distances.divergences import js_divergence, kl_divergence, kl_gaussian
from tlbook.distances.fast import mmd2_linear_time, mmd2_random_features
from tlbook.distances.kernels import bandwidth_ladder, gaussian_kernel, median_bandwidth
from tlbook.distances.mmd import mmd2, witness
from tlbook.distances.permutation import MMDTest, mmd_power, mmd_test
from tlbook.distances.proxy import proxy_a_distance
from tlbook.distances.scaling import standardize
from tlbook.distances.wasserstein import wasserstein_distance

__all__ = [
    "MMDTest",
    "bandwidth_ladder",
    "coral_distance",
    "gaussian_kernel",
    "js_divergence",
    "kl_divergence",
    "kl_gaussian",
    "median_bandwidth",
    "mmd2",
    "mmd2_linear_time",
    "mmd2_random_features",
    "mmd_power",
    "mmd_test",
    "proxy_a_distance",
    "standardize",
    "wasserstein_distance",
    "witness",
]
