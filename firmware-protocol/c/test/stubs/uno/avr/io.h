/* The registers and bits of the ATmega328P that the sketch uses; numbers as in its data sheet. */
#ifndef AVR_IO_STUB_H
#define AVR_IO_STUB_H

#include <stdint.h>

#define _BV(bit) (1 << (bit))

extern volatile uint8_t TCCR1A, TCCR1B, TIFR1, ADMUX, ADCSRA, ADCSRB;
extern volatile uint16_t OCR1A, OCR1B, ADC;

#define WGM12 3
#define CS11 1
#define OCF1B 2
#define REFS0 6
#define ADTS2 2
#define ADTS0 0
#define ADEN 7
#define ADATE 5
#define ADIE 3
#define ADPS2 2
#define ADPS1 1
#define ADPS0 0

#endif
