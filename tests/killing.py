"""Code for a child process that ends at a given step of its changes to files."""

STOP_AT = """
import os

def stop_at(step):
    steps = 0
    def counted(real):
        def run(*given, **named):
            nonlocal steps
            steps += 1
            if steps == step:
                os._exit(9)
            return real(*given, **named)
        return run
    for name in ("replace", "rename", "unlink", "rmdir", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
"""
