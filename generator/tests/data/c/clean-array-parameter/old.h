#pragma once
int sum(int a[4]);
