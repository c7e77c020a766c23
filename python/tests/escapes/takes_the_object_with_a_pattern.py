"""A class pattern reads an attribute by keyword."""


def tick(ctx):
    try:
        ().missing
    except Exception as error:
        match error:
            case Exception(obj=found):
                return "escaped" if found == () else None
