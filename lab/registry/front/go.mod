module specivo-lab/front

go 1.25.0
