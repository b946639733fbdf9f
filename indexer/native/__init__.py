"""The loops that are C: those in which building and merging segments spend their time, place by place.

NumPy does one thing at a time to all of an array, and each time the array passes through memory. To cut text into
words, to invert it and to merge postings, C needs a fifth to a half of that time. There is one implementation of each:
nothing here has a twin in Python but the models of the tests.

A C file says what its functions do; the module of the same name gives them arrays, whose types and bounds are checked
there, so that no mistake in Python becomes a write to somebody else's memory. They let go of Python's lock.
"""
