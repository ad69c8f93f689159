"""The patients, a file each: ``PATIENT`` is what the ward reads."""
