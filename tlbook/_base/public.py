"""The names to learn first: package by package, what a user of the library takes to own data.

The packages have more (their ``__all__``); these are the ones whose docstrings have an example
that is run as a test, and the ones that the reference lists first.
"""

PUBLIC: dict[str, tuple[str, ...]] = {
    # What there is, and a task by its name; your own pictures, texts and sounds as tables.
    "data": (
        "available",
        "have",
        "load",
        "list_lines",
        "list_pictures",
        "list_sounds",
        "list_texts",
        "PictureFiles",
    ),
    # Source and target with sealed labels; your own arrays become one by Task.from_arrays.
    "domains": ("Domain", "Task", "Scenes", "Boxes", "label_all"),
    # One shift at a time, made on purpose.
    "domains.shifts": ("covariate_shift", "label_shift", "concept_shift"),
    # How far apart two samples are, and whether that could be chance.
    "distances": (
        "kl_divergence",
        "js_divergence",
        "wasserstein_distance",
        "mmd2",
        "mmd_test",
        "witness",
        "coral_distance",
        "proxy_a_distance",
        "standardize",
    ),
    # Weights for source rows, and whether weighting can work at all.
    "instances": (
        "DensityRatio",
        "KMM",
        "KLIEP",
        "LabelShift",
        "TrAdaBoost",
        "effective_sample_size",
        "overlap_report",
        "weighted_cv_error",
    ),
    # Maps that bring the source's features to the target's, and the classifier around them.
    "features": (
        "CORAL",
        "SubspaceAlignment",
        "TCA",
        "JDA",
        "OptimalTransport",
        "AdaptedClassifier",
        "DeepFeatures",
    ),
    # Using a pretrained network: from a probe on frozen features to all layers.
    "finetuning": (
        "replace_head",
        "freeze",
        "cached_features",
        "linear_probe",
        "lp_ft",
        "gradual_unfreezing",
        "parameter_groups",
        "L2SP",
        "Distillation",
        "lora",
        "lora_merge",
        "SecondTask",
        "forgetting",
    ),
    # What is known about how classes relate, used and checked.
    "relations": ("class_profiles", "relation_probe", "check_relation", "RelationalTargets"),
    # L_S + λ L_T + Ω, and how to write a term of your own.
    "objective": ("Objective", "Term", "TargetLoss", "Ramp"),
    # The one loop, and what stands around it.
    "training": ("fit", "predictor", "EarlyStopping", "Checkpoints", "find_rate"),
    # Alignment as a game against a discriminator.
    "adversarial": ("reverse", "DANN", "CDAN", "adda", "fresh_accuracy"),
    # Alignment by a distance, by confidence, or by statistics.
    "alignment": (
        "MMD",
        "DeepCORAL",
        "InformationMaximization",
        "MeanTeacher",
        "adabn",
        "self_train",
        "shot",
        "tent",
    ),
    # Which setting to take, without target labels.
    "selection": (
        "Run",
        "choose",
        "agreement",
        "information_score",
        "dev_risk",
        "reverse_risk",
        "thresholded_confidence",
        "confidence_drop",
        "agreement_on_the_line",
    ),
    # Which source to start from, by a few labeled target rows.
    "sources": (
        "rank_sources",
        "probe_score",
        "nearest_neighbor_score",
        "logme",
        "leep",
        "nleep",
        "h_score",
        "transrate",
        "cka",
        "otdd",
        "noise_ceiling",
        "regret",
    ),
    # Few labels, one label, none: episodes, prototypes, learned starts, two views.
    "fewshot": (
        "episodes",
        "episode_accuracies",
        "nearest_centroid",
        "Prototypes",
        "SameClass",
        "CosineHead",
        "maml",
        "reptile",
        "tip_adapter",
        "SimCLR",
        "VICReg",
        "effective_rank",
    ),
    # Whether to trust it: what it looks at, what it leaks, what it promises.
    "trust": (
        "integrated_gradients",
        "grad_cam",
        "pgd",
        "feature_attack",
        "likelihood_ratio",
        "PrivateRidge",
        "audit_epsilon",
        "fed_avg",
        "calibration_error",
        "temperature",
        "conformal_threshold",
        "weighted_thresholds",
        "prediction_sets",
    ),
    # Source and target of your own: is there a shift, which one, what would help, what to label.
    "diagnosis": ("diagnose",),
    # Vision beyond one label per picture: boxes, masks, targets of any shape for fit.
    "vision": (
        "iou",
        "average_precision",
        "mean_iou",
        "numbered",
        "ByRow",
        "FeatureMaps",
        "UNet",
        "HeatMap",
    ),
    # Texts: words, sentence embeddings, descriptions, a BERT.
    "text": ("tfidf", "embed", "ZeroShot", "fine_tune"),
    # How good the answers are, and how sure one may be of a difference.
    "evaluation": (
        "accuracy",
        "confusion_matrix",
        "compare",
        "measure",
        "learning_curve",
        "curve_summary",
        "t_interval",
        "paired_test",
        "claim",
        "check",
    ),
    # The same runs on many cores, several machines or a cluster; a search over them.
    "scale": ("Call", "spread", "search"),
    # Networks with features and head; a trained one with its classes, preprocessing and card.
    "models": ("create", "names", "wrap", "save", "load", "card"),
    # Random changes of training pictures that keep their class.
    "augmentation": ("geometric", "photometric"),
    # The figures that a transfer study needs.
    "plots": (
        "learning_curves",
        "bars_with_spread",
        "scatter_domains",
        "decision_regions",
        "confusion",
        "image_grid",
    ),
}
"""Names by package: ``tlbook.<package>.<name>``."""
