"""Pure rules of the desk: states of a need, who may do what, and by when."""
