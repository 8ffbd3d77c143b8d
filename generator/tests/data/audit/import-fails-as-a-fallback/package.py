try:
    import pyshim_optional
except ImportError:
    from . import demo
