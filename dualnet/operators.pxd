from dualnet.trees cimport flatten, unflatten
