from dualnet.table.row cimport Traced
from dualnet.tangents cimport Rows
