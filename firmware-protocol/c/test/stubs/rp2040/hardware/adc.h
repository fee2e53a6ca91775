/* Just enough of the Pico SDK to check the syntax of a program. Declarations only: nothing links. */
#ifndef HARDWARE_ADC_STUB_H
#define HARDWARE_ADC_STUB_H

#include <stdint.h>

typedef struct {
  volatile uint32_t cs;
  volatile uint32_t result;
  volatile uint32_t fcs;
  volatile uint32_t fifo;
} adc_hw_t;
extern adc_hw_t *const adc_hw;

void adc_init();
void adc_gpio_init(unsigned gpio);
void adc_select_input(unsigned input);
void adc_fifo_setup(bool en, bool dreq_en, uint16_t dreq_thresh, bool err_in_fifo, bool byte_shift);
void adc_set_clkdiv(float clkdiv);
void adc_run(bool run);

#endif
