"""The loops that are C: those over the places of words and over documents, one after the other.

NumPy does one thing at a time to all of an array: each time, a long one passes through memory, and a short one costs as
much as the call. To cut text into words, to invert it and to merge postings, C needs a fifth to a half of that time; to
rank the best matches of a query anew, a third. There is one implementation of each: nothing here has a twin in Python
but the models of the tests.

A C file says what its functions do; the module of the same name gives them arrays, whose types and bounds are checked
there, so that no mistake in Python becomes a write to somebody else's memory.
"""
