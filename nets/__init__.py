"""Neural models of eleven papers: each subpackage is one paper (``nets.rtrl`` holds two)."""
