/* Just enough of the Arduino core for ESP32 to check the syntax of a sketch. Declarations only: nothing links. */
#ifndef ARDUINO_STUB_H
#define ARDUINO_STUB_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define IRAM_ATTR

typedef struct {
  uint32_t owner;
  uint32_t count;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED {0, 0}
void portENTER_CRITICAL(portMUX_TYPE *lock);
void portEXIT_CRITICAL(portMUX_TYPE *lock);
void portENTER_CRITICAL_ISR(portMUX_TYPE *lock);
void portEXIT_CRITICAL_ISR(portMUX_TYPE *lock);

class SerialStub {
public:
  size_t setTxBufferSize(size_t bytes);
  void begin(unsigned long baud);
  int available();
  int read();
  int availableForWrite();
  size_t write(const uint8_t *bytes, size_t length);
};
extern SerialStub Serial;

class EspClass {
public:
  uint64_t getEfuseMac();
};
extern EspClass ESP;

unsigned long millis();
unsigned long micros();

#endif
