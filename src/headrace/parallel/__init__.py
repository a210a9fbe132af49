"""Threads: an ordered map, a turnstile, and the CPUs available to this process."""
