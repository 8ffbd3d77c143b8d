#pragma once
float real(float _Complex z);
