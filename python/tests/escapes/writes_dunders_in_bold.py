"""Mathematical letters are plain ones to the parser, too."""


def tick(ctx):
    return tick.__𝐠𝐥𝐨𝐛𝐚𝐥𝐬__
