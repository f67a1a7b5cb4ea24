"""Breaking parsers: generators of input, a contract to hold a parser to, and comparison with other parsers.

Read in this order: ``mutations`` (what is done to a message, by name), ``strategies`` (where messages come from),
``contract`` (what no input may make a codec do), ``readings`` and ``adapters`` (what each parser makes of the same
bytes), ``engine`` (all of it together, with findings at its end).
"""
