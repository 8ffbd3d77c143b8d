try:
    import pyshim_optional
except ImportError:
    pass
from . import demo
