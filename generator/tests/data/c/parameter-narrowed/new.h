#pragma once
long twice(int a);
