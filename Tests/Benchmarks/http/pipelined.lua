-- Sixteen requests in one piece, and the next sixteen only after their answers.
init = function(args)
    local all = {}
    for index = 1, 16 do all[index] = wrk.format() end
    sixteen = table.concat(all)
end

request = function() return sixteen end
