"""The same catalogue, filters and needs through other engines, each as it recommends itself.

`make bench-peers`; what was seen is in docs/peers/. See `question` first.
"""
