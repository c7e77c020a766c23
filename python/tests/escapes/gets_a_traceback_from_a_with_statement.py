"""__exit__ is given the traceback as an argument."""


def tick(ctx):
    class Manager:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, traceback):
            self.traceback = traceback
            return True

    with Manager() as manager:
        1 / 0
    return manager.traceback.tb_frame
