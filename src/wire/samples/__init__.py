"""Sample servers, each about a page long and about one idea; ``app`` puts them on one port."""
