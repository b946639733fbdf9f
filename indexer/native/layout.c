/* What a text holds beside characters that are seen. */

#include <stdint.h>

/* The bits are those of layout.py. */
enum { CONTROL = 1, BEYOND_ASCII = 2, TWO_SPACES = 4, UNTIDY = 8, LINE_END = 16, BLANK_LINE = 32, BLANK_LINES = 64 };

/* Whether UTF-8 text holds, as bits: control characters but the line end; characters beyond ASCII; two spaces in a row;
   more spaces in a row, or white space at the text's ends or beside a line end; single line ends; two of them in a row;
   and more of them. */
int64_t layout(const uint8_t *text, int64_t size)
{
    int64_t found = 0;
    for (int64_t at = 0, first; at < size;) {
        uint8_t byte = text[first = at++];
        if (byte > ' ' && byte < 0x7F)
            continue;
        if (byte >= 0x80) {
            found |= BEYOND_ASCII;
            continue;
        }
        if (byte != ' ' && byte != '\n') {
            found |= CONTROL;
            continue;
        }
        while (at < size && text[at] == byte)
            at++;
        int64_t run = at - first;
        if (!first || at == size || (byte == ' ' && (text[first - 1] == '\n' || text[at] == '\n')))
            found |= UNTIDY;
        if (byte == '\n')
            found |= run == 1 ? LINE_END : run == 2 ? BLANK_LINE : BLANK_LINES;
        else if (run > 1)
            found |= run == 2 ? TWO_SPACES : UNTIDY;
    }
    return found;
}
