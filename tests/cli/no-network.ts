/** Loaded before a command, it takes the network away from it: whoever reaches for it fails. */
import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'

function refuse(): never {
  throw new Error('the network is off')
}

net.Socket.prototype.connect = refuse
dns.lookup = refuse as unknown as typeof dns.lookup
dgram.createSocket = refuse
