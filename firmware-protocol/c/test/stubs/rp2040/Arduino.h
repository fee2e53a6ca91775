/* Just enough of the Arduino core for the RP2040 to check the syntax of a sketch. Declarations only: nothing links. */
#ifndef ARDUINO_STUB_H
#define ARDUINO_STUB_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

class SerialStub {
public:
  void begin(unsigned long baud);
  int available();
  int read();
  int availableForWrite();
  size_t write(const uint8_t *bytes, size_t length);
};
extern SerialStub Serial;

unsigned long millis();
unsigned long micros();

#endif
