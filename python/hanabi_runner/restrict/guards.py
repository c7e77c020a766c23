"""What stands in for builtins that take the name of an attribute as data, or hand out what a program must not hold."""

import types
from _string import formatter_field_name_split, formatter_parser

from hanabi_runner.restrict.facades import Facade, only_for_isinstance
from hanabi_runner.restrict.policy import (
    GIVE_TEXT,
    LIBRARIES,
    LIBRARY_REFUSED,
    ONLY_FOR_ISINSTANCE,
    TAKE_METHOD_NAMES,
    attribute_sentence,
    is_dunder,
    is_plain_attribute,
    is_refused_attribute,
)

_Method = types.BuiltinMethodType
_MISSING = object()
_FORMATTING = {"format": str.format, "format_map": str.format_map}


class _OnlyOneArgument:
    """`type`, as far as a program needs it: of an object, and as the second argument of isinstance."""

    __slots__ = ()

    def __call__(self, value):
        return safe_type(value)

    def __instancecheck__(self, value):
        return isinstance(value, type)

    def __subclasscheck__(self, value):
        return issubclass(value, type)

    def __repr__(self):
        return "<class 'type'>"


ONE_ARGUMENT_TYPE = _OnlyOneArgument()


def _stand_in(name):
    """A class that has the name of another and nothing else, so that programs can print it."""
    return type(name, (), {"__slots__": (), "__module__": "builtins"})


_STAND_INS = {
    kind: _stand_in(kind.__name__)
    for kind in (
        types.FunctionType,
        types.CodeType,
        types.ModuleType,
        types.CellType,
        types.FrameType,
        types.TracebackType,
        types.MappingProxyType,
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
        types.WrapperDescriptorType,
        types.MethodDescriptorType,
        types.MethodWrapperType,
        property,
        classmethod,
        staticmethod,
        object,
    )
}
_STAND_INS[Facade] = _stand_in("module")
_STAND_INS[_OnlyOneArgument] = _stand_in("type")


def safe_type(value):
    kind = type(value)
    if isinstance(value, type):
        # Its own class makes classes.
        return ONE_ARGUMENT_TYPE
    if kind.__module__ in LIBRARIES:
        for base in kind.__mro__:
            if (base.__module__, base.__name__) in ONLY_FOR_ISINSTANCE:
                return only_for_isinstance(kind)
    return _STAND_INS.get(kind, kind)


def safe_getattr(value, name, *default):
    """getattr() under the same rules as attributes that are written out."""
    if type(name) is not str:
        raise TypeError("attribute name must be string")
    if len(default) > 1:
        raise TypeError(f"getattr expected at most 3 arguments, got {len(default) + 2}")
    if is_refused_attribute(name):
        raise AttributeError(attribute_sentence(name))
    try:
        return safe_attribute(value, name)
    except AttributeError:
        if default:
            return default[0]
        raise


def safe_hasattr(value, name):
    if type(name) is not str:
        raise TypeError("attribute name must be string")
    if is_refused_attribute(name):
        return False
    try:
        safe_attribute(value, name)
    except AttributeError:
        return False
    return True


def safe_attribute(value, name):
    """An attribute that has passed the names of the policy. Those it calls watched are looked at by what they are of."""
    if is_plain_attribute(name):
        return getattr(value, name)
    if name == "__class__":
        return safe_type(value)
    if name in _FORMATTING:
        return _formatting(getattr(value, name), name)
    if name in ("__setattr__", "__delattr__"):
        return _changing(getattr(value, name), name)
    if name == "obj" and isinstance(value, BaseException):
        # The object on which an attribute was missing: some library's, perhaps.
        raise AttributeError("the attribute obj of exceptions is not available in worker sandbox")
    if name == "register" and isinstance(value, type) and type(value) is not type:
        raise AttributeError("the attribute register of classes is not available in worker sandbox")
    if _is_of_library(value):
        return _of_library(value, name)
    return getattr(value, name)


def check_name(name):
    """The first thing in every __getattr__ that a program defines."""
    if type(name) is not str or is_dunder(name) or is_refused_attribute(name):
        raise AttributeError(attribute_sentence(name))


def _formatting(found, name):
    original = _FORMATTING[name]
    if found is original:
        return lambda text, *args, **fields: _checked_format(original, text, args, fields)
    if type(found) is _Method and isinstance(found.__self__, str):
        text = found.__self__
        return lambda *args, **fields: _checked_format(original, text, args, fields)
    return found


def _checked_format(original, text, args, fields):
    if not isinstance(text, str):
        raise TypeError("descriptor 'format' for 'str' objects needs a str")
    exact = str.__str__(text)
    _check_fields(exact)
    return original(exact, *args, **fields)


def _check_fields(text):
    """Refuses `{0.name}`. Whatever is wrong with the text otherwise is told by the one who formats it."""
    try:
        for _, field, spec, _ in formatter_parser(text):
            if field:
                _, rest = formatter_field_name_split(field)
                if any(is_attribute for is_attribute, _ in rest):
                    raise AttributeError(
                        "attributes in the fields of str.format are not available in worker sandbox; use an f-string"
                    )
            if spec:
                _check_fields(spec)
    except ValueError:
        pass


def _changing(change, name):
    """object.__setattr__ takes any name; this takes those that `x.name = …` takes, and of the object it was asked of."""
    if not hasattr(change, "__self__"):
        raise AttributeError(f"{name} is not available in worker sandbox but as super().{name}")

    def change_attribute(key, *value):
        if type(key) is not str or is_dunder(key) or is_refused_attribute(key):
            raise AttributeError(f"the attribute {key} cannot be changed in worker sandbox")
        return change(key, *value)

    return change_attribute


def _is_of_library(value):
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__.partition(".")[0] in LIBRARIES


def _of_library(value, name):
    if name in LIBRARY_REFUSED:
        raise AttributeError(attribute_sentence(name))
    found = getattr(value, name)
    if name in GIVE_TEXT:
        return _text_of(found, name)
    if name not in TAKE_METHOD_NAMES:
        return found

    def with_checked_names(*args, **fields):
        _check_method_names((args, fields))
        return found(*args, **fields)

    return with_checked_names


def _text_of(give, name):
    """Where the first argument would be a place to write to."""

    def give_text(*args, **fields):
        places = (*args[:1], *(fields.get(place) for place in ("path_or_buf", "buf")))
        if any(place is not None for place in places):
            raise TypeError(f"{name} gives its text in worker sandbox; write it with ctx.files")
        return give(*args, **fields)

    return give_text


def _check_method_names(value):
    if isinstance(value, str):
        name = str.__str__(value)
        if name.startswith("_") or not is_plain_attribute(name):
            raise AttributeError(attribute_sentence(name))
    elif isinstance(value, dict):
        for item in dict.values(value):
            _check_method_names(item)
    elif isinstance(value, (list, tuple)):
        for item in list(value):
            _check_method_names(item)
