"""Side-by-side benchmarks: what `wire` costs beside the named peers, measured in the same run.

    python -m bench                         every row
    python -m bench http1.get http1.serve   rows by name or by the beginning of it
    python -m bench --list

Run it from the root of the project, with the extra ``bench`` installed. No figure here stands alone: machines differ,
and are busy, so a row is the ratio of two programs that did the same work in turns.
"""
