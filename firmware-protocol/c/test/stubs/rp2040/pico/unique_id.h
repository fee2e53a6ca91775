/* Just enough of the Pico SDK to check the syntax of a program. Declarations only: nothing links. */
#ifndef PICO_UNIQUE_ID_STUB_H
#define PICO_UNIQUE_ID_STUB_H

#define PICO_UNIQUE_BOARD_ID_SIZE_BYTES 8
void pico_get_unique_board_id_string(char *id_out, unsigned len);

#endif
