"""Where the texts of each topic are found: documented modules, a few classes, a few names.

``"module"`` stands for the public functions and classes of a module, ``"module:Class()"`` for the
public methods of a class, and ``"module: a, b"`` for single names. What the installed version does
not have is left out.
"""

from __future__ import annotations

Places = dict[str, tuple[str, ...]]

TOPICS = ("signal", "linear algebra", "optimization", "random", "sparse", "special functions")

NUMPY: Places = {
    "signal": (
        "numpy.fft",
        "numpy: bartlett, blackman, convolve, correlate, hamming, hanning, kaiser, unwrap",
    ),
    "linear algebra": (
        "numpy.linalg",
        "numpy: dot, einsum, einsum_path, inner, kron, tril, triu, vander, vdot",
    ),
    "random": (
        "numpy.random",
        "numpy.random:Generator()",
        "numpy.random:RandomState()",
        "numpy.random:BitGenerator()",
        "numpy.random:SeedSequence()",
    ),
    "special functions": ("numpy: i0, sinc",),
}

SCIPY: Places = {
    "signal": ("scipy.fft", "scipy.signal", "scipy.signal.windows", "scipy.signal:ShortTimeFFT()"),
    "linear algebra": ("scipy.linalg", "scipy.linalg.interpolative"),
    "optimization": ("scipy.optimize",),
    "random": (
        "scipy.stats.sampling",
        "scipy.stats.qmc",
        "scipy.stats.qmc:QMCEngine()",
        "scipy.stats:rv_continuous()",
        "scipy.stats:rv_discrete()",
        "scipy.stats:rv_histogram()",
        "scipy.stats:gaussian_kde()",
        "scipy.stats:Normal()",
        "scipy.stats: bernoulli, beta, betabinom, betanbinom, binom, cauchy, chi2, dirichlet, "
        "expon, gamma, gaussian_kde, hypergeom, invwishart, laplace, levy_stable, logistic, "
        "matrix_normal, matrix_t, make_distribution, Mixture, multinomial, "
        "multivariate_hypergeom, multivariate_normal, multivariate_t, nbinom, norm, "
        "normal_inverse_gamma, ortho_group, pareto, poisson, random_correlation, random_table, "
        "rv_continuous, rv_discrete, rv_histogram, rv_sample, special_ortho_group, t, truncnorm, "
        "truncate, uniform, uniform_direction, unitary_group, vonmises, vonmises_fisher, wishart, "
        "zipf",
    ),
    "sparse": (
        "scipy.sparse",
        "scipy.sparse:csr_array: asformat, check_format, count_nonzero, eliminate_zeros, "
        "has_canonical_format, has_sorted_indices, nnz, nonzero, prune, setdiag, sort_indices, "
        "sorted_indices, sum_duplicates, toarray, tobsr, tocoo, tocsc, tocsr, todense, todia, "
        "todok, tolil",
        "scipy.sparse.linalg",
        "scipy.sparse.csgraph",
    ),
    "special functions": ("scipy.special",),
}

TORCH: Places = {
    "signal": (
        "torch.fft",
        "torch.signal.windows",
        "torch: bartlett_window, blackman_window, hamming_window, hann_window, istft, "
        "kaiser_window, stft",
    ),
    "linear algebra": (
        "torch.linalg",
        "torch: addbmm, addmm, addmv, addr, baddbmm, block_diag, bmm, chain_matmul, cholesky, "
        "cholesky_inverse, cholesky_solve, cross, dot, einsum, geqrf, inner, inverse, kron, "
        "lobpcg, logdet, lu, lu_solve, lu_unpack, matmul, matrix_exp, matrix_power, mm, mv, norm, "
        "orgqr, ormqr, outer, pca_lowrank, pinverse, qr, slogdet, svd, svd_lowrank, tensordot, "
        "trace, triangular_solve, tril, triu, vander, vdot",
    ),
    "optimization": (
        "torch.optim",
        "torch.optim:Optimizer()",
        "torch.optim:LBFGS()",
        "torch.optim.lr_scheduler",
        "torch.optim.lr_scheduler:LRScheduler()",
        "torch.optim.lr_scheduler:ReduceLROnPlateau()",
        "torch.optim.lr_scheduler:CosineAnnealingWarmRestarts()",
        "torch.optim.lr_scheduler:OneCycleLR()",
        "torch.optim.swa_utils",
        "torch.nn.utils: clip_grad_norm_, clip_grad_value_, get_total_norm",
    ),
    "random": (
        "torch.distributions: Bernoulli, Beta, Binomial, Categorical, Cauchy, Chi2, "
        "ContinuousBernoulli, Dirichlet, Distribution, Exponential, ExponentialFamily, "
        "FisherSnedecor, Gamma, GeneralizedPareto, Geometric, Gumbel, HalfCauchy, HalfNormal, "
        "Independent, InverseGamma, Kumaraswamy, LKJCholesky, Laplace, LogNormal, "
        "LogisticNormal, LowRankMultivariateNormal, MixtureSameFamily, Multinomial, "
        "MultivariateNormal, NegativeBinomial, Normal, OneHotCategorical, "
        "OneHotCategoricalStraightThrough, Pareto, Poisson, RelaxedBernoulli, "
        "RelaxedOneHotCategorical, StudentT, TransformedDistribution, Uniform, VonMises, Weibull, "
        "Wishart, kl_divergence",
        "torch.distributions:Distribution()",
        "torch.distributions:LKJCholesky()",
        "torch.distributions:LowRankMultivariateNormal()",
        "torch.distributions:MixtureSameFamily()",
        "torch.distributions:TransformedDistribution()",
        "torch.distributions:ExponentialFamily()",
        "torch.random",
        "torch:Generator()",
        "torch: bernoulli, multinomial, normal, poisson, rand, rand_like, randint, "
        "randint_like, randn, randn_like, randperm",
        "torch:Tensor: bernoulli_, cauchy_, exponential_, geometric_, log_normal_, normal_, "
        "random_, uniform_",
        "torch.quasirandom: SobolEngine",
        "torch.quasirandom:SobolEngine()",
        "torch.nn.init: dirac_, kaiming_normal_, kaiming_uniform_, normal_, orthogonal_, "
        "trunc_normal_, uniform_, xavier_normal_, xavier_uniform_",
        "torch.utils.data: RandomSampler, SubsetRandomSampler, WeightedRandomSampler, random_split",
    ),
    "sparse": (
        "torch.sparse",
        "torch: hspmm, smm, sparse_bsc_tensor, sparse_bsr_tensor, sparse_compressed_tensor, "
        "sparse_coo_tensor, sparse_csc_tensor, sparse_csr_tensor, spmm, sspaddmm",
        "torch:Tensor: ccol_indices, coalesce, col_indices, crow_indices, dense_dim, indices, "
        "is_coalesced, is_sparse, is_sparse_csr, row_indices, sparse_dim, sparse_mask, "
        "sparse_resize_, sparse_resize_and_clear_, to_dense, to_sparse, to_sparse_bsc, "
        "to_sparse_bsr, to_sparse_coo, to_sparse_csc, to_sparse_csr, values",
    ),
    "special functions": (
        "torch.special",
        "torch: digamma, erf, erfc, erfinv, hypot, igamma, lgamma, logaddexp, logit, mvlgamma, "
        "polygamma, sinc, xlogy",
    ),
}

OFF_TOPIC = (
    "errstate, geterr, seterr, get_workers, set_workers, register_backend, set_backend, "
    "set_global_backend, skip_backend, show_options, test, state_dict, load_state_dict, "
    "register_load_state_dict_post_hook, register_load_state_dict_pre_hook, "
    "register_state_dict_post_hook, register_state_dict_pre_hook, register_step_post_hook, "
    "register_step_pre_hook, profile_hook_step, cache_policy, reset_cache, validation_policy"
)
"""Names that a module of a topic also has, and that have nothing to do with the topic."""

LIBRARIES = {"NumPy": NUMPY, "SciPy": SCIPY, "torch": TORCH}
