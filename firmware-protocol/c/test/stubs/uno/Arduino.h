/* Just enough of the Arduino core for AVR to check the syntax of a sketch. Declarations only: nothing links. */
#ifndef ARDUINO_STUB_H
#define ARDUINO_STUB_H

#include <stddef.h>
#include <stdint.h>

class HardwareSerial {
public:
  void begin(unsigned long baud);
  int available();
  int read();
  int availableForWrite();
  size_t write(uint8_t byte);
  size_t write(const uint8_t *bytes, size_t length);
};
extern HardwareSerial Serial;

unsigned long millis();
unsigned long micros();

#endif
