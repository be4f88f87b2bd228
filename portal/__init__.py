"""The shell around the rooms. Every process imports this first."""

import gc

# What is imported stays for ever. Looking through it for cyclic garbage after every 700 new objects, as Python does by itself, took a
# quarter of each start; a process holds at most this many young objects for longer.
gc.set_threshold(50_000, 20, 20)
