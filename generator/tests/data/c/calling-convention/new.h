#pragma once
__attribute__((ms_abi)) int add(int a, int b);
