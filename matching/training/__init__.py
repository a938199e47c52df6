"""How the embedded models are made (extra `train`). Nothing here is needed to answer a need."""
