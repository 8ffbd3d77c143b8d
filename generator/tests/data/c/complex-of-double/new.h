#pragma once
float real(double _Complex z);
