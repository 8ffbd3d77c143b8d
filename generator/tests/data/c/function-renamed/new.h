#pragma once
int frobnicate_everything(int flags);
