"""The learning rate of each arm: the best of its grid in the stored study ``pytorch_tuning``."""

RATES: dict[str, float] = {
    "repaired": 3e-3,
    "never zeroed": 3e-4,
    "repaired, SGD": 1e-2,
    "never zeroed, SGD": 1e-4,
    "raw pixels": 3e-3,
    "frozen": 3e-3,
    "frozen, raw pixels": 1e-2,
    "random start": 3e-4,
}
