"""Running the chapter's recipes as scripts of their own, without a network."""

import subprocess
import time

from tlbook.workshop import recipes


def run(path, **environment):
    """Run a script to its end; return its output, or what it said last where it failed."""
    done = subprocess.run(
        recipes.command(path),
        env={**recipes.environment(), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def kill_after(path, line):
    """Start a script, end it by kill −9 as soon as it has printed a line that begins so."""
    process = subprocess.Popen(
        recipes.command(path), env=recipes.environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for printed in process.stdout:
        if printed.startswith(line):
            time.sleep(0.2)  # somewhere in the next epoch
            process.kill()
    assert process.wait() == -9


def picture(rng, kind, side=40):
    """Return a noisy picture (side, side, 3) of a bright square or a bright cross."""
    pixels = rng.integers(0, 80, (side, side, 3))
    middle = slice(side // 3, 2 * side // 3)
    pixels[middle, middle if kind else slice(None)] += 120
    return pixels.astype("uint8")
