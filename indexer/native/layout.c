/* What a text holds beside characters that are seen. */

#include <stdbool.h>
#include <stdint.h>

/* The bits are those of layout.py. */
enum { CONTROL = 1, UNCOMMON = 2, TWO_SPACES = 4, UNTIDY = 8, LINE_END = 16, BLANK_LINE = 32, BLANK_LINES = 64 };

/* What a byte and those beside it are. There is no branch and nothing wider than a byte, so that the compiler looks at
   many of them at once. Common are U+00A1 to U+02FF without the soft hyphen, and U+2010 to U+2027. */
static inline uint8_t told(uint8_t before, uint8_t byte, uint8_t next, uint8_t second)
{
    bool space = byte == ' ', next_space = next == ' ', second_space = second == ' ';
    bool line = byte == '\n', next_line = next == '\n', second_line = second == '\n';
    bool first_space = space & (before != ' '), first_line = line & (before != '\n');
    bool after_c2 = (next <= 0xA0) | (next == 0xAD), after_e2 = (next != 0x80) | (second < 0x90) | (second > 0xA7);
    bool uncommon = ((byte == 0xC2) & after_c2) | ((byte == 0xE2) & after_e2) | ((byte >= 0xCC) & (byte != 0xE2));
    bool untidy = (space & next_space & second_space) | (space & next_line) | (line & next_space);
    bool control = ((byte < ' ') & !line) | (byte == 0x7F), two_spaces = first_space & next_space & !second_space;
    bool line_end = first_line & !next_line, blank_line = first_line & next_line & !second_line;
    bool blank_lines = line & next_line & second_line;
    uint8_t found = control ? CONTROL : 0;
    found |= uncommon ? UNCOMMON : 0;
    found |= two_spaces ? TWO_SPACES : 0;
    found |= untidy ? UNTIDY : 0;
    found |= line_end ? LINE_END : 0;
    found |= blank_line ? BLANK_LINE : 0;
    found |= blank_lines ? BLANK_LINES : 0;
    return found;
}

static int is_white(uint8_t byte)
{
    return byte == ' ' || byte == '\n';
}

/* Whether UTF-8 text holds, as bits: control characters but the line end; uncommon characters beyond ASCII; two spaces
   in a row; more spaces in a row, or white space at the text's ends or beside a line end; single line ends; two of them
   in a row; and more of them. */
int64_t layout(const uint8_t *text, int64_t size)
{
    const uint8_t outside = 'x';
    uint8_t found = size && (is_white(text[0]) || is_white(text[size - 1])) ? UNTIDY : 0;
    for (int64_t at = 1; at + 2 < size; at++)
        found |= told(text[at - 1], text[at], text[at + 1], text[at + 2]);
    for (int64_t at = 0; at < size; at = at || size < 4 ? at + 1 : size - 2)
        found |= told(at ? text[at - 1] : outside, text[at], at + 1 < size ? text[at + 1] : outside,
                      at + 2 < size ? text[at + 2] : outside);
    return found;
}
