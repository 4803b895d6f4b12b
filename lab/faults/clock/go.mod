module specivo-lab/clock

go 1.25.0
